// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IJobMarket } from "../../../contracts/interfaces/IJobMarket.sol";
import { ILedger } from "../../../contracts/interfaces/ILedger.sol";
import { IProviders } from "../../../contracts/interfaces/IProviders.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { JobTerms } from "../../../contracts/types/JobTerms.sol";
import { IVm } from "./Vm.sol";

/// @notice Keeps books of accounts and jobs from the market's events alone, and notes where one of them breaks an
/// invariant.
abstract contract Bookkeeper {
    /// @notice What an account must have, in units. Signed: a call inside of a call may tell of its spending first.
    struct Purse {
        int256 balance;
        int256 stake;
        int256 locked;
        int256 active;
        int256 feeOwed;
        uint256 faults;
        uint256 reputation; // as last seen, and fees since
    }

    /// @notice What a job must be.
    struct Record {
        JobStatus status; // as last seen
        address requester;
        address provider;
        uint256 price; // the highest one until the claim
        uint256 bond;
        uint256 challenges;
        uint256 ends; // how often it ended
        uint256 place; // in the list of live jobs, from 1 on; zero when final
        bytes32 terms;
        bytes32 claim;
        bytes32 result;
        bytes32 whole; // once final
    }

    /// @notice Units since the start.
    struct Totals {
        uint256 deposits;
        uint256 withdrawals;
        uint256 kept; // parts of debited bonds that nobody received, and what was transferred to the reserve
        uint256 income; // what the pair got out of others: pay for jobs, parts of bonds, fees, transfers
        bool areSpoilsOwn; // whether what the game got last was the pair's own bond
    }

    IJobMarket public immutable market;
    address internal immutable _game;
    address internal immutable _accomplice;

    /// @notice The two who act together.
    mapping(address person => bool) public isPair;
    /// @notice The terms of a job, encoded, as they were posted.
    mapping(bytes32 jobId => bytes) public termsOf;
    /// @notice The root and the steps that were submitted, encoded.
    mapping(bytes32 jobId => bytes) public resultOf;
    address internal _feeRecipient;
    Totals internal _totals;
    mapping(address account => Purse) internal _purses;
    mapping(bytes32 jobId => Record) internal _records;
    bytes32[] internal _all;
    bytes32[] internal _live;
    bytes32[] internal _touched;
    mapping(string id => string) private _breaches;

    constructor(IJobMarket market_, address[] memory pair, address game, address accomplice) {
        market = market_;
        _game = game;
        _accomplice = accomplice;
        for (uint256 i = 0; i < pair.length; ++i) isPair[pair[i]] = true;
        _feeRecipient = market_.feeRecipient();
    }

    /// @notice The first way in which the invariant was broken; empty where it holds.
    function breachOf(string calldata id) external view returns (string memory) {
        return _breaches[id];
    }

    function _replay(address caller, IVm.Log memory log) internal {
        bytes32 name = log.topics[0];
        if (log.topics.length < 2) return;
        bool ofJob = _replayJob(name, caller, log);
        if (ofJob) {
            _touched.push(log.topics[1]);
            return;
        }
        if (log.data.length != 32) return;
        address who = _account(log.topics[1]);
        Purse storage p = _purses[who];
        uint256 amount = abi.decode(log.data, (uint256));
        int256 signed = int256(amount);
        if (name == ILedger.FeesCollected.selector) {
            address recipient = _account(log.topics[2]);
            _expect(recipient == _feeRecipient, "R3", "fees went to somebody else");
            p.feeOwed -= signed;
            _purses[recipient].balance += signed;
            if (isPair[recipient] && !isPair[who]) _totals.income += amount;
            return;
        }
        if (name == ILedger.Transferred.selector) {
            _transferred(p, who, _account(log.topics[2]), amount);
        } else if (name == ILedger.Deposited.selector) {
            p.balance += signed;
            _totals.deposits += amount;
        } else if (name == ILedger.Withdrawn.selector) {
            p.balance -= signed;
            _totals.withdrawals += amount;
            if (who == _game && isPair[_account(log.topics[2])] && !_totals.areSpoilsOwn) _totals.income += amount;
        } else if (name == IProviders.Staked.selector) {
            p.balance -= signed;
            p.stake += signed;
        } else if (name == IProviders.Unstaked.selector) {
            p.balance += signed;
            p.stake -= signed;
        } else return;
        _expect(_isActing(who, caller), "I2", "somebody else's money was moved");
    }

    function _transferred(Purse storage p, address who, address to, uint256 amount) private {
        p.balance -= int256(amount);
        if (to == address(market)) _totals.kept += amount;
        else _purses[to].balance += int256(amount);
        bool isOwn = isPair[who] || (who == _game && _totals.areSpoilsOwn);
        if (isPair[to] && !isOwn) _totals.income += amount;
    }

    /// @dev Whether the event is about a job.
    function _replayJob(bytes32 name, address caller, IVm.Log memory log) private returns (bool) {
        bytes32 jobId = log.topics[1];
        if (name == IJobMarket.JobPosted.selector) {
            _posted(jobId, log);
            return true;
        }
        Record storage r = _records[jobId];
        if (r.requester == address(0)) return false;
        Purse storage requester = _purses[r.requester];
        if (name == IJobMarket.JobCancelled.selector) {
            uint256 refund = abi.decode(log.data, (uint256));
            _expect(refund == r.price, "M6", "a cancelled job did not return its escrow");
            requester.balance += int256(refund);
            ++r.ends;
        } else if (name == IJobMarket.JobClaimed.selector) {
            _claimed(r, requester, log);
        } else if (name == IJobMarket.ChallengeCountChanged.selector) {
            uint256 open = abi.decode(log.data, (uint256));
            _expect(open == r.challenges + 1 || open + 1 == r.challenges, "S3", "challenges were not counted by ones");
            r.challenges = open;
        } else if (name == IJobMarket.BondFrozen.selector) {
            uint256 bond = abi.decode(log.data, (uint256));
            _expect(bond <= 1 || (bond - 1 - bond / 4096) * 10 <= r.bond, "M7", "a frozen bond is more than a tenth");
            _purses[r.provider].locked += int256(bond) - int256(r.bond);
            r.bond = bond;
        } else {
            if (name == IJobMarket.ResultSubmitted.selector) resultOf[jobId] = log.data;
            if (!_replayEnd(name, jobId, r, log)) return true;
            ++r.ends;
            if (name == IJobMarket.JobFailed.selector || name == IJobMarket.JobRejected.selector) {
                _expect(_isActing(_account(log.topics[3]), caller), "I2", "somebody else was paid for the call");
            }
        }
        _expect(r.ends <= 1, "S4", "a job ended twice");
        return true;
    }

    function _posted(bytes32 jobId, IVm.Log memory log) private {
        JobTerms memory terms = abi.decode(log.data, (JobTerms));
        Record storage r = _records[jobId];
        _expect(r.requester == address(0), "S4", "a job was posted twice");
        r.requester = _account(log.topics[2]);
        r.price = terms.rules.maxPrice();
        _purses[r.requester].balance -= int256(r.price);
        termsOf[jobId] = log.data;
        _all.push(jobId);
        _live.push(jobId);
        r.place = _live.length;
    }

    function _claimed(Record storage r, Purse storage requester, IVm.Log memory log) private {
        (uint256 price, uint256 bond) = abi.decode(log.data, (uint256, uint256));
        _expect(price <= r.price, "M6", "a price above the highest");
        _expect(r.provider == address(0), "S5", "a job was claimed twice");
        requester.balance += int256(r.price) - int256(price);
        r.provider = _account(log.topics[2]);
        r.price = price;
        r.bond = bond;
        Purse storage p = _purses[r.provider];
        p.locked += int256(bond);
        ++p.active;
    }

    /// @dev The ends of a claim: whether the event is one, and what everybody gets by it.
    function _replayEnd(bytes32 name, bytes32 jobId, Record storage r, IVm.Log memory log) private returns (bool) {
        if (name == IJobMarket.JobSettled.selector) {
            (uint256 pay, uint256 fee) = abi.decode(log.data, (uint256, uint256));
            _expect(pay + fee == _due(jobId, r), "M6", "pay and fee are not what is due");
            _pay(r, pay, fee);
            _free(r, 0);
        } else if (name == IJobMarket.JobReleased.selector) {
            uint256 penalty = abi.decode(log.data, (uint256));
            _expect(penalty * 50 <= r.price && penalty <= r.bond, "M7", "a release cost more than 2 %");
            bool isKeyless = r.status == JobStatus.AwaitingKey || r.status == JobStatus.Keyless;
            _expect(!isKeyless || penalty == 0, "M7", "a release without a key was not free");
            _pay(r, 0, 0);
            _free(r, penalty);
            _totals.kept += penalty;
        } else if (name == IJobMarket.JobFailed.selector) {
            uint256[3] memory parts = abi.decode(log.data, (uint256[3]));
            uint256 slash = parts[0] + parts[1] + parts[2];
            _expect(slash * 5 <= r.bond, "M7", "lateness cost more than 20 %");
            _slash(r, parts, slash, _account(log.topics[3]));
        } else if (name == IJobMarket.JobRejected.selector) {
            uint256[3] memory parts = abi.decode(log.data, (uint256[3]));
            _expect(parts[0] + parts[1] + parts[2] == r.bond, "M7", "fraud did not cost the bond");
            _expect(parts[2] * 2 >= r.bond, "M7", "less than half of the bond was kept");
            _expect(parts[0] <= r.price && parts[0] * 10 <= r.bond * 3, "M7", "the requester got too much of the bond");
            _totals.areSpoilsOwn = isPair[r.provider];
            _slash(r, parts, r.bond, _account(log.topics[3]));
        } else if (name == IJobMarket.SeatConcluded.selector) {
            _seatEnded(r, log);
        } else return false;
        return true;
    }

    function _seatEnded(Record storage r, IVm.Log memory log) private {
        (JobStatus status, , uint256 pay, uint256 fee, uint256 slash) = abi.decode(
            log.data,
            (JobStatus, bytes32, uint256, uint256, uint256)
        );
        uint256 most = r.price < r.bond ? r.price : r.bond;
        _expect(slash == (status == JobStatus.Rejected ? most : 0), "M7", "a seat lost what it should not, or less");
        _expect(pay + fee <= r.price, "M6", "a seat got more than its price");
        _pay(r, pay, fee);
        _free(r, slash);
        _totals.kept += slash;
        if (status == JobStatus.Rejected) ++_purses[r.provider].faults;
    }

    /// @dev Lateness and fraud: parts of the bond for the requester, whoever proved it, and the reserve.
    function _slash(Record storage r, uint256[3] memory parts, uint256 slash, address prover) private {
        _pay(r, 0, 0);
        _free(r, slash);
        ++_purses[r.provider].faults;
        _purses[r.requester].balance += int256(parts[0]);
        _purses[prover].balance += int256(parts[1]);
        _totals.kept += parts[2];
        if (isPair[r.provider]) return;
        if (isPair[r.requester]) _totals.income += parts[0];
        if (isPair[prover]) _totals.income += parts[1];
    }

    /// @dev Pay to the provider, the fee owed, what they leave of the price to the requester.
    function _pay(Record storage r, uint256 pay, uint256 fee) private {
        _expect(fee * 10 <= pay + fee, "M6", "the fee is more than a tenth");
        Purse storage p = _purses[r.provider];
        p.balance += int256(pay);
        p.feeOwed += int256(fee);
        _purses[r.requester].balance += int256(r.price) - int256(pay + fee);
        if (isPair[r.provider] && !isPair[r.requester]) _totals.income += pay;
        p.reputation += fee;
    }

    function _free(Record storage r, uint256 slash) private {
        Purse storage p = _purses[r.provider];
        p.locked -= int256(r.bond);
        p.stake -= int256(slash);
        --p.active;
    }

    function _due(bytes32 jobId, Record storage r) private view returns (uint256) {
        IJobMarket.JobView memory v = market.getJob(jobId);
        if (v.meteredBps == 0) return r.price;
        uint256 base = (10_000 - v.meteredBps) * v.stepBudget;
        return (r.price * (base + v.meteredBps * v.steps)) / (10_000 * v.stepBudget);
    }

    /// @dev The caller, or whom a hostile token called on the way.
    function _isActing(address who, address caller) private view returns (bool) {
        return who == caller || who == _accomplice;
    }

    function _account(bytes32 topic) internal pure returns (address) {
        return address(uint160(uint256(topic)));
    }

    /// @dev Notes the first breach of each invariant.
    function _expect(bool holds, string memory id, string memory otherwise) internal {
        if (!holds && bytes(_breaches[id]).length == 0) _breaches[id] = otherwise;
    }
}
