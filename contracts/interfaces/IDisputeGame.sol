// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Answer, Descent, Entry, Node, NodePosting, Pick, Position } from "../types/Dispute.sol";
import { IJobMarket } from "./IJobMarket.sol";
import { ILedgerReceiver } from "./ILedgerReceiver.sol";
import { IOneStepVM } from "./IOneStepVM.sol";

/// @title The dispute game
/// @notice Anyone who re-executed a task and disagrees with its provider opens a game, with a bond. It descends the
/// result tree to one task, divides the task's trace by 32 each round (the provider posts hashes of states, the
/// challenger picks the first stretch that it knows to be wrong), and ends in one step that {vm} executes.
///
/// Every challenger plays a game of its own; what the provider posts about a node serves all of them. One game won
/// rejects the claim; all must be lost for it to stand.
///
/// Turns: the provider's lasts `turnOf(node.steps) * stretch` seconds from the arrival at a node, the challenger's
/// `turnOf(node.steps)` from arrival or posting, whichever is later. `t ≤ deadline` is in time. What decides are the
/// times kept, not who calls first: a game whose provider was late is won, whatever is posted after.
///
/// Moves name the position they are made from, so the same move does nothing when it is sent twice or after a
/// reorganization. Several may be made in one transaction (Multicall): the later ones pass `arrivedAt` zero.
///
/// Bonds and rewards are balances in the market's ledger: the game holds no tokens, and has no owner.
interface IDisputeGame is ILedgerReceiver {
    /// @notice What a challenger did, besides opening.
    enum Move {
        Descend,
        Enter,
        Pick
    }

    /// @notice Why a game ended as it did.
    enum Reason {
        ProviderLate, // won: nothing was posted in time
        WrongSum, // won: a node whose children do not add up to its steps
        WrongPadding, // won: a leaf beyond the last task
        WrongTask, // won: a leaf of another task
        WrongRow, // won: a row that no task of the job can have
        WrongStep, // won: a step that leads elsewhere
        RightStep, // lost: the disputed step is right
        ChallengerLate // lost: no move in time
    }

    /// @notice One game, unpacked. All zero when it is over.
    struct GameView {
        address challenger;
        uint256 bond;
        uint256 posts; // that the provider made for this game
        bytes31 positionHash; // the first bytes of keccak256(abi.encode(Position))
    }

    /// @notice What the game knows of a claim.
    struct ClaimView {
        bool isRejected;
        uint256 moves; // of games not over, without their openings; once rejected, those still to be rewarded
        uint256 reward; // zero until rejected, then what is left for those moves
    }

    error DisputeWrongResult(bytes32 jobId, bytes32 given, bytes32 submitted);
    error DisputeBondTooSmall(bytes32 jobId, uint256 bond, uint256 needed);
    error DisputeGameExists(bytes32 gameId);
    /// @notice The game does not stand there: it has gone on, is over or is another's.
    error DisputeWrongPosition(bytes32 gameId, bytes31 given, bytes31 actual);
    error DisputeWrongPosting(bytes32 nodeId, bytes32 given, bytes32 actual);
    error DisputeClaimRejected(bytes32 jobId);
    error DisputeClaimNotRejected(bytes32 jobId);
    error DisputeNotProvider(bytes32 gameId, address caller, address provider);
    /// @notice The node is not of the kind that the move needs.
    error DisputeWrongNode(bytes32 nodeId);
    error DisputeNodePosted(bytes32 nodeId);
    error DisputeNodeNotPosted(bytes32 nodeId);
    error DisputeWrongDataSize(bytes32 nodeId, uint256 size, uint256 expected);
    /// @notice What was posted does not make the node.
    error DisputeWrongData(bytes32 nodeId, bytes32 hash, uint256 sum);
    error DisputeProviderLate(bytes32 gameId, uint256 deadline, uint256 time);
    error DisputeChallengerLate(bytes32 gameId, uint256 deadline, uint256 time);
    error DisputeTooEarly(bytes32 gameId, uint256 deadline, uint256 time);
    error DisputeWrongLevel(uint256 level, uint256 max);
    /// @notice The proof leads to another node, leaf or input.
    error DisputeWrongProof(bytes32 hash, bytes32 expected);
    error DisputeWrongProofSize(uint256 size, uint256 expected);
    error DisputeNoTask(uint256 index, uint256 tasks);
    error DisputeWrongTerms(bytes32 given, bytes32 expected);
    error DisputeWrongProgram(bytes32 given, bytes32 expected);
    error DisputeWrongInput(uint256 task);
    error DisputeWrongSegment(uint256 segment, uint256 segments);

    /// @param position At the root of the result tree.
    event GameOpened(
        bytes32 indexed gameId,
        bytes32 indexed jobId,
        address indexed challenger,
        Position position,
        uint256 bond
    );
    event GameMoved(bytes32 indexed gameId, Move move, Position position);
    /// @param gameId The game whose bond answers for it. It serves every game that stands there.
    event NodePosted(bytes32 indexed nodeId, bytes32 indexed gameId, uint256 postedAt, bytes data);
    /// @param paid To the challenger: its bond and its part of the slash.
    event GameWon(bytes32 indexed gameId, bytes32 indexed jobId, Reason reason, uint256 paid);
    event GameLost(bytes32 indexed gameId, bytes32 indexed jobId, Reason reason, uint256 toProvider, uint256 toReserve);
    /// @notice A game that was open when another one was won.
    event GameCollected(bytes32 indexed gameId, bytes32 indexed jobId, uint256 bond, uint256 reward);

    // The rules

    /// @notice Judges single steps.
    function vm() external view returns (IOneStepVM);

    /// @notice The price of one move, in units.
    function moveFee() external view returns (uint256);

    /// @notice Seconds of the shortest turn.
    function turnFloor() external view returns (uint256);

    /// @notice Steps that a turn grows by a second for: those of the slowest machine that can still play.
    function stepsPerSecond() external view returns (uint256);

    /// @notice Seconds of a turn at a stretch of a trace of that many steps; 0 for nodes of the result tree.
    function turnOf(uint256 steps) external view returns (uint256);

    /// @notice The least bond of a challenger, rounded up:
    /// `moveFee * (⌈depth / 5⌉ + ⌈log32 stepLimit⌉ + 4) * (16 + open) / 16`.
    /// @param open Challenges of the claim that are open already.
    function bondFor(uint256 tasks, uint256 stepLimit, uint256 open) external view returns (uint256);

    // What is stored

    /// @notice A challenger has at most one game at a time about a claim.
    function gameIdOf(IJobMarket market, bytes32 jobId, address challenger) external pure returns (bytes32);

    /// @notice `keccak256(abi.encode(market, jobId, node))`.
    function nodeIdOf(IJobMarket market, bytes32 jobId, Node calldata node) external pure returns (bytes32);

    /// @notice A game that is not over; a game won by another's win is over once it was collected.
    function gameOf(bytes32 gameId) external view returns (GameView memory);

    function claimOf(IJobMarket market, bytes32 jobId) external view returns (ClaimView memory);

    /// @notice `keccak256(abi.encode(NodePosting))` of what was posted about a node; zero for nothing.
    function postingOf(bytes32 nodeId) external view returns (bytes32);

    // Opening

    /// @notice Opens a game. Called by the market for {ILedger.transfer}, whose sender becomes the challenger and whose
    /// amount its bond, all of it. `data` is `abi.encode(Opening)`.
    /// @dev Emits {GameOpened}, and what the moves emit that are made at once.
    /// Notes:
    /// - Others may open games in the same block and raise the bond that is needed: send more than the least one.
    /// - Any contract may call; it then is the market, and the game about its own jobs.
    /// Requirements:
    /// - The market must take the challenge: in the job's window, fewer than 16,383 are open.
    /// - The challenger must not have a game about this claim, and no game about it was won.
    /// - The terms must be the job's, the result the one submitted, the bond at least {bondFor}.
    function ledgerTransferReceived(address from, uint256 amount, bytes calldata data) external returns (bytes4);

    // The provider's moves

    /// @notice Posts what is below a node, for good and for every game. Only the claim's provider.
    /// @dev Emits {NodePosted}. `data`, from left to right:
    /// - result node of level r ≤ 5: the 53 bytes of each of its tasks' rows;
    /// - result node of level r > 5: `hash ‖ steps u128` of the nodes of the next level divisible by 5;
    /// - stretch of n > 1 steps, m = min(32, n): the m − 1 state hashes after `from + ⌊j * n / m⌋` steps.
    /// Notes:
    /// - Where a game's challenger loses, each posting made for it is paid from its bond.
    /// Requirements:
    /// - The game must stand there, the provider in time, the node not be posted.
    /// - Rows and nodes must hash and add up to the node.
    function post(bytes32 gameId, Position calldata position, bytes calldata data) external;

    /// @notice {post} for each of `answers` that it is not too late for: those whose node is posted, whose game has
    /// gone on or is over, or whose turn has passed are left out.
    /// @return posted How many were posted.
    function postMany(Answer[] calldata answers) external returns (uint256 posted);

    // The challenger's moves: of the caller's game of `position.claim`

    /// @notice Goes down the result tree, before or after the provider has posted.
    /// @dev Emits {GameMoved}; or {GameWon} where the sums on the way do not add up, or the leaf is beyond the last
    /// task and not zero.
    /// Requirements:
    /// - The level must be at most the one that a posting shows.
    /// - The proof must lead to the node's hash.
    function descend(Position calldata position, NodePosting calldata posting, Descent calldata to) external;

    /// @notice Goes from a leaf into the trace of its task.
    /// @dev Emits {GameMoved}; or {GameWon} where the leaf is another task's, or no task of the job can have that row.
    /// Notes:
    /// - A program with more pages than the terms say is judged like any other: a provider looks before it claims.
    /// Requirements:
    /// - The row must be the leaf's; terms, program and input those of the job.
    function enter(Position calldata position, NodePosting calldata posting, Entry calldata entry) external;

    /// @notice Goes into one segment of a stretch that was posted.
    /// @dev Emits {GameMoved}.
    /// Requirements:
    /// - The proof must lead to the posting's root.
    function pick(Position calldata position, NodePosting calldata posting, Pick calldata to) external;

    // Anyone's calls

    /// @notice Executes the one step that a game came to. If it leads elsewhere the game is won, in the challenger's
    /// turn only; if it is right the game is lost.
    /// @dev Emits {GameWon} or {GameLost}.
    /// Notes:
    /// - A witness of another state reverts, as does a call of too little gas.
    function prove(bytes32 gameId, Position calldata position, bytes calldata witness) external;

    /// @notice Ends a game in which somebody was late.
    /// @dev Emits {GameWon} or {GameLost}.
    /// Requirements:
    /// - The provider posted nothing, or too late, and its turn has passed; or it did, and the challenger's has passed.
    function timeOut(bytes32 gameId, Position calldata position, NodePosting calldata posting) external;

    /// @notice Returns the bond of a game that was open when another one was won, with its part of the reward.
    /// @dev Emits {GameCollected}.
    /// Requirements:
    /// - The claim must be rejected.
    function collect(bytes32 gameId, Position calldata position) external;
}
