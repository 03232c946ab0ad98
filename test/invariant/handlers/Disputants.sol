// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../../../contracts/interfaces/IDisputeGame.sol";
import { IJobMarket } from "../../../contracts/interfaces/IJobMarket.sol";
import { BinaryTree } from "../../../contracts/libraries/BinaryTree.sol";
import { ResultTree } from "../../../contracts/libraries/ResultTree.sol";
import { ClaimTerms, Descent, Entry, NodePosting, Opening, Position } from "../../../contracts/types/Dispute.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { JobTerms } from "../../../contracts/types/JobTerms.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Stage } from "./Stage.sol";

/// @notice Both sides of disputes in the real game: results whose rows everybody knows, some of which do not add up,
/// and challengers who are right, wrong, late or many. Each move is made a few times: others have many more moves.
contract Disputants is Handler {
    /// @notice A game that was opened, and where it stands.
    struct Live {
        bytes32 gameId;
        address challenger;
        Position position;
    }

    uint256 private constant FEW = 3;

    IDisputeGame public immutable game;
    /// @notice Times at which nodes were posted.
    mapping(bytes32 nodeId => uint32) public postedAt;
    Live[] private _games;

    /// @dev The crew are those who challenge.
    constructor(Stage stage_, address[] memory crew_, IDisputeGame game_) Handler(stage_, crew_) {
        game = game_;
    }

    function moves() public pure override returns (string[] memory) {
        return _list("submitRows open post descend timeOut collect");
    }

    /// @notice Bonds of games that are not over, and what claims still owe to some of them: all that the game may have.
    function owed() external view returns (uint256 sum) {
        bytes32[] memory all = witness.allJobs();
        for (uint256 i = 0; i < all.length; ++i) {
            IDisputeGame.ClaimView memory claim = game.claimOf(market, all[i]);
            if (claim.isRejected) sum += claim.reward;
        }
        for (uint256 i = 0; i < _games.length; ++i) sum += game.gameOf(_games[i].gameId).bond;
    }

    function gamesLeft() external view returns (uint256) {
        return _games.length;
    }

    /// @notice A result that can be shown, now and then with a step too many.
    function submitRows(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        for (uint256 i = 0; i < FEW; ++i) _submitRows(d);
    }

    function open(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        for (uint256 i = 0; i < FEW; ++i) _open(d);
    }

    /// @notice The provider shows its rows.
    function post(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        for (uint256 i = 0; i < FEW && _games.length != 0; ++i) _post(d);
    }

    /// @notice The challenger goes down to a task's row.
    function descend(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        for (uint256 i = 0; i < FEW && _games.length != 0; ++i) _descend(d, d.below(_games.length));
    }

    /// @notice Whoever was late loses, whoever says so.
    function timeOut(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        for (uint256 i = 0; i < FEW && _games.length != 0; ++i) {
            uint256 place = d.below(_games.length);
            if (_isDue(_games[place].position) || d.oneIn(12)) _end(place, _member(d));
        }
    }

    function collect(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        for (uint256 i = _games.length; i > 0; --i) {
            if (_isRejected(_games[i - 1].position) || d.oneIn(24)) {
                Live memory live = _games[i - 1];
                bytes memory data = abi.encodeCall(game.collect, (live.gameId, live.position));
                if (_playAs(_member(d), data)) _remove(i - 1);
            }
        }
    }

    /// @notice Ends the first game, by whatever ends it now. For a stranger who winds everything up.
    function endFirst(address by) external {
        _end(0, by);
    }

    function _submitRows(Dice memory d) private {
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Claimed));
        if (jobId == 0) return;
        (bytes32[] memory hashes, uint128[] memory sums) = _nodes(jobId, _tasksOf(jobId), 0);
        uint128 steps = d.oneIn(4) ? sums[0] + 1 : sums[0];
        _act(_providerOf(d, jobId), abi.encodeCall(market.submit, (jobId, hashes[0], steps)));
    }

    function _open(Dice memory d) private {
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Submitted) | _bit(JobStatus.Disputed));
        if (jobId == 0 || witness.resultOf(jobId).length == 0) return;
        address challenger = _member(d);
        JobTerms memory terms = abi.decode(witness.termsOf(jobId), (JobTerms));
        IJobMarket.JobView memory v = market.getJob(jobId);
        (bytes32 root, uint256 steps) = abi.decode(witness.resultOf(jobId), (bytes32, uint256));
        Opening memory opening = Opening(v.requester, terms, root, uint128(steps), new Descent[](0), new Entry[](0));
        uint256 tasks = terms.limits.tasks();
        uint256 bond = game.bondFor(tasks, terms.limits.stepLimit(), v.openChallenges);
        bond = d.oneIn(8) ? bond - 1 : bond + d.below(3) * 1e4;
        if (!_act(challenger, _withBond(bond, opening))) return;

        Live storage live = _games.push();
        live.gameId = game.gameIdOf(market, jobId, challenger);
        live.challenger = challenger;
        Position storage p = live.position;
        p.claim.market = market;
        p.claim.jobId = jobId;
        p.claim.provider = v.provider;
        p.claim.tasks = uint32(tasks);
        p.claim.termsHash = _termsHash(terms);
        p.node.level = uint8(BinaryTree.depthOf(tasks));
        p.node.to = uint128(steps);
        p.node.end = root;
        p.arrivedAt = uint32(block.timestamp);
        p.stretch = uint8(1 + v.openChallenges);
        p.moves = 1;
    }

    function _post(Dice memory d) private {
        Live memory live = _games[d.below(_games.length)];
        Position memory p = live.position;
        bytes32 nodeId = game.nodeIdOf(market, p.claim.jobId, p.node);
        bool isKnown = _isTrue(p) && postedAt[nodeId] == 0;
        if (!isKnown && !d.oneIn(12)) return;
        bytes memory rows;
        uint256 width = 1 << p.node.level;
        for (uint256 i = p.node.index * width; i < (p.node.index + 1) * width && i < p.claim.tasks; ++i) {
            rows = bytes.concat(rows, _row(p.claim.jobId, i));
        }
        address by = d.oneIn(12) ? _member(d) : p.claim.provider;
        if (_playAs(by, abi.encodeCall(game.post, (live.gameId, p, rows)))) postedAt[nodeId] = uint32(block.timestamp);
    }

    function _descend(Dice memory d, uint256 place) private {
        Live storage live = _games[place];
        Position memory p = live.position;
        if (p.node.level == 0 || (_isRejected(p) && !d.oneIn(12))) return;
        uint256 index = d.below(1 << p.node.level);
        Descent memory to;
        to.index = uint32(index);
        (bytes32[] memory hashes, uint128[] memory sums) = _nodes(p.claim.jobId, p.claim.tasks, p.node.level);
        (to.hash, to.sum) = (hashes[index], sums[index]);
        for (uint256 level = p.node.level; level > 0; --level) {
            (hashes, sums) = _nodes(p.claim.jobId, p.claim.tasks, level);
            uint256 beside = (index >> (p.node.level - level)) ^ 1;
            to.proof = bytes.concat(to.proof, hashes[beside], bytes16(sums[beside]));
        }
        NodePosting memory posting = _posting(p);
        if (!_playAs(live.challenger, abi.encodeCall(game.descend, (p, posting, to)))) return;
        if (game.gameOf(live.gameId).challenger == address(0)) return _remove(place);
        live.position.node.level = 0;
        live.position.node.index = to.index;
        live.position.node.to = to.sum;
        live.position.node.end = to.hash;
        live.position.arrivedAt = uint32(block.timestamp);
        ++live.position.moves;
    }

    function _end(uint256 place, address by) private {
        Live memory live = _games[place];
        Position memory p = live.position;
        bytes memory data =
            _isRejected(p)
                ? abi.encodeCall(game.collect, (live.gameId, p))
                : abi.encodeCall(game.timeOut, (live.gameId, p, _posting(p)));
        if (_playAs(by, data)) _remove(place);
    }

    /// @dev Whether somebody's turn is over.
    function _isDue(Position memory p) private view returns (bool) {
        uint256 posted = postedAt[game.nodeIdOf(market, p.claim.jobId, p.node)];
        uint256 turn = game.turnOf(0);
        uint256 end = p.arrivedAt + turn * p.stretch;
        if (posted != 0 && posted <= end) end = (posted > p.arrivedAt ? posted : p.arrivedAt) + turn;
        return block.timestamp > end && !_isRejected(p);
    }

    function _isRejected(Position memory p) private view returns (bool) {
        return game.claimOf(market, p.claim.jobId).isRejected;
    }

    /// @dev Whether the rows that everybody knows make the node.
    function _isTrue(Position memory p) private pure returns (bool) {
        uint256 depth = BinaryTree.depthOf(p.claim.tasks);
        (bytes32[] memory hashes, uint128[] memory sums) = _nodes(p.claim.jobId, p.claim.tasks, depth - p.node.level);
        return hashes[p.node.index] == p.node.end && sums[p.node.index] == p.node.to;
    }

    function _remove(uint256 place) private {
        _games[place] = _games[_games.length - 1];
        _games.pop();
    }

    function _playAs(address by, bytes memory data) private returns (bool) {
        return _actOn(by, address(game), data);
    }

    function _posting(Position memory p) private view returns (NodePosting memory) {
        return NodePosting(0, postedAt[game.nodeIdOf(market, p.claim.jobId, p.node)]);
    }

    function _tasksOf(bytes32 jobId) private view returns (uint256) {
        return abi.decode(witness.termsOf(jobId), (JobTerms)).limits.tasks();
    }

    function _withBond(uint256 bond, Opening memory opening) private view returns (bytes memory) {
        return abi.encodeCall(market.transfer, (address(game), bond, abi.encode(opening)));
    }

    function _termsHash(JobTerms memory terms) private pure returns (bytes32) {
        ClaimTerms memory t;
        (t.programId, t.inputsRoot, t.sharedInput) = (terms.programId, terms.inputsRoot, terms.sharedInput);
        t.stepLimit = uint64(terms.limits.stepLimit());
        t.maxOutput = uint32(terms.limits.maxOutput());
        t.maxPages = uint32(terms.limits.maxPages());
        return keccak256(abi.encode(t));
    }

    /// @dev What everybody knows of a task: any bytes, then its steps.
    function _row(bytes32 jobId, uint256 task) private pure returns (bytes memory row) {
        bytes32 word = keccak256(abi.encode(jobId, task));
        return bytes.concat(word, bytes13(word), bytes8(uint64(uint256(word) % 1_000)));
    }

    /// @dev The nodes of the tree over all rows that are so many levels below its root.
    function _nodes(
        bytes32 jobId,
        uint256 tasks,
        uint256 down
    ) private pure returns (bytes32[] memory hashes, uint128[] memory sums) {
        uint256 width = 1 << BinaryTree.depthOf(tasks);
        hashes = new bytes32[](width);
        sums = new uint128[](width);
        for (uint256 i = 0; i < tasks; ++i) {
            bytes memory row = _row(jobId, i);
            hashes[i] = keccak256(abi.encodePacked(uint8(4), uint32(i), row));
            sums[i] = uint128(uint256(bytes32(_row(jobId, i))) % 1_000);
        }
        for (; width > 1 << down; width /= 2) {
            for (uint256 i = 0; i < width / 2; ++i) {
                hashes[i] = ResultTree.hashNode(hashes[2 * i], sums[2 * i], hashes[2 * i + 1], sums[2 * i + 1]);
                sums[i] = sums[2 * i] + sums[2 * i + 1];
            }
        }
    }
}
